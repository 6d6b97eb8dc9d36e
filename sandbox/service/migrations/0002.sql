-- Version 2: certificates are kept for the next visit.

-- The institution's key for tags of certificates; made when it is first needed.
ALTER TABLE institution ADD COLUMN tag_key BLOB;

-- What a check with PIN brought that was answered. `name` is an HMAC of the tag, and `sealed` opens with the tag alone,
-- which is not stored: the database shows no certificate, and not that one card was at two institutions.
CREATE TABLE known_certificate (
    institution TEXT NOT NULL REFERENCES institution (code),
    name BLOB NOT NULL,
    sealed BLOB NOT NULL,
    -- The last accepted check.
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (institution, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_certificate_age ON known_certificate (seen_at);
