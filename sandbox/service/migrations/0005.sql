-- Version 5: attestation chains are verified.

-- What the service verified itself of a device's key, and with what it can do so again: the operator's lists change.
-- `level` is NULL as soon as the chain is not believed any more.
CREATE TABLE attestation (
    device TEXT NOT NULL PRIMARY KEY REFERENCES device (id),
    public_key BLOB NOT NULL,
    challenge BLOB NOT NULL,
    -- CBOR: an array of certificates, DER, first one first.
    chain BLOB NOT NULL,
    -- The certificates were valid then; some live for weeks only.
    verified_at INTEGER NOT NULL,
    level TEXT CHECK (level IN ('trusted-environment', 'strong-box'))
) STRICT, WITHOUT ROWID;

-- Chains of before were kept without their challenge, and nobody verified them.
ALTER TABLE device_certificate DROP COLUMN attestation;
ALTER TABLE device DROP COLUMN assurance;
