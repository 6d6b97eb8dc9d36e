-- Version 4: devices that take the place of others.

-- The device that ends when this one uses its certificate for the first time.
ALTER TABLE device ADD COLUMN replaces TEXT REFERENCES device (id);
