-- Version 1. Times are seconds since 1970-01-01T00:00:00Z; booleans are 0 and 1.

CREATE TABLE institution (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    danger_attested_visual INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- One row per device slot that an administrator added. `id` is opaque and stands in the certificate.
CREATE TABLE device (
    id TEXT PRIMARY KEY,
    institution TEXT NOT NULL REFERENCES institution (code),
    account TEXT NOT NULL UNIQUE,
    platform TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'active', 'suspended', 'revoked')),
    assurance TEXT NOT NULL CHECK (assurance IN ('software', 'attested')),
    -- HMACs of the activation code and of the link's secret; NULL once a certificate of the device was used.
    code_mac BLOB,
    link_mac BLOB,
    code_expires_at INTEGER NOT NULL,
    wrong_tries INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

-- `number` rises in the order of issue: the first use of a certificate ends all earlier ones of its device.
CREATE TABLE device_certificate (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    thumbprint BLOB NOT NULL UNIQUE,
    device TEXT NOT NULL REFERENCES device (id),
    -- SHA-256 of the certified point. A device keeps its key: all its certificates have the same.
    key_hash BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    attestation BLOB NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    retired INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX device_certificate_device ON device_certificate (device);

-- A nonce is used by being here: the primary key makes the second use impossible.
CREATE TABLE used_nonce (
    nonce BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_nonce_expiry ON used_nonce (expires_at);

-- `answer` is sealed with a key that only the device has; NULL while the check is worked on.
CREATE TABLE request (
    device TEXT NOT NULL REFERENCES device (id),
    id BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    answer BLOB,
    PRIMARY KEY (device, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_at ON request (at);

-- The key of 券面事項確認AP seen at the first visual check with a certificate. `card` is an HMAC.
CREATE TABLE surface_key (
    card BLOB PRIMARY KEY,
    key_hash BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- No name, no insurance number, no nonce, no signature. `card` is an HMAC of issuer and serial number.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    check_id TEXT NOT NULL,
    institution TEXT NOT NULL,
    device TEXT NOT NULL,
    assurance TEXT NOT NULL,
    method TEXT NOT NULL,
    staff TEXT,
    card BLOB,
    outcome TEXT NOT NULL,
    milliseconds INTEGER NOT NULL
) STRICT;

CREATE TABLE notice (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    ja TEXT NOT NULL,
    en TEXT NOT NULL
) STRICT;

-- `last`: when the service last wrote; a clock before it is wrong. `origin`: how devices reach the service that
-- served this folder last, for the links that are made while it does not run.
CREATE TABLE service (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    last INTEGER NOT NULL,
    origin TEXT NOT NULL
) STRICT;
INSERT INTO service VALUES (1, 0, 'https://localhost:8443');
