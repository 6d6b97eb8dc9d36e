#!/bin/sh
# Makes the test root, the intermediate and the batch key of this folder anew, and with them the vectors of
# core/pki/tests/vectors/attestation. Needs OpenSSL 3. Not part of any build: what it made is kept.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
vectors="$here/../../core/pki/tests/vectors/attestation"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > ca.cnf <<'CNF'
[ca]
default_ca = worthless
[worthless]
database = index.txt
new_certs_dir = .
policy = any
email_in_dn = no
serial = serial
unique_subject = no
[any]
organizationName = supplied
commonName = supplied
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical, CA:TRUE, pathlen:1
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
[batch]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
CNF
: > index.txt
O="Madoguchi sandbox, worth nothing"

# issue NAME SERIAL DIGEST EXTENSIONS SIGNER...
issue() {
    name=$1 digest=$3 extensions=$4
    echo "$2" > serial
    shift 4
    openssl req -new -key "$name.pem" -subj "/O=$O/CN=Worthless attestation $name" -out "$name.csr"
    openssl ca -batch -notext -config ca.cnf -in "$name.csr" -out "$name.crt" -md "$digest" -extensions "$extensions" \
        -startdate 20200101000000Z -enddate 20491231235959Z "$@" 2> ca.log || { cat ca.log; exit 1; }
    openssl x509 -in "$name.crt" -outform DER -out "$here/$name.der"
}

# Mixed as a phone's chain is: RSA above, P-384 in between, P-256 below.
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out root.pem
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out intermediate.pem
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out batch.pem
issue root 0E9901 sha256 root -selfsign -keyfile root.pem
issue intermediate 0E9902 sha256 intermediate -cert root.crt -keyfile root.pem
issue batch 0E9903 sha384 batch -cert intermediate.crt -keyfile intermediate.pem
for key in root intermediate batch; do
    openssl pkcs8 -topk8 -nocrypt -in $key.pem -outform DER -out "$here/$key.key"
done

# vector NAME, on standard input the sections of the extension. The key is in the vector alone.
vector() {
    { echo "[leaf]"; echo "keyUsage = critical, digitalSignature"; echo "1.3.6.1.4.1.11129.2.1.17 = ASN1:SEQUENCE:description"; cat; } > leaf.cnf
    openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out leaf.pem
    openssl req -new -key leaf.pem -subj "/CN=Android Keystore Key" -out leaf.csr
    openssl x509 -req -in leaf.csr -CA batch.crt -CAkey batch.pem -set_serial 1 -days 1 -sha256 \
        -extfile leaf.cnf -extensions leaf -outform DER -out "$vectors/$1.der" 2> x509.log || { cat x509.log; exit 1; }
}
vector trusted-environment-400 < "$here/trusted-environment-400.cnf"
vector strong-box-3 < "$here/strong-box-3.cnf"
vector trusted-environment-2 < "$here/trusted-environment-2.cnf"
