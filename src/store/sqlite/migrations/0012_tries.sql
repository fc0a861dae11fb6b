-- How many attempts a message had when it was last queued anew by hand: what bounds its attempts, and the
-- waits between them, count from there.
ALTER TABLE deliveries ADD COLUMN earlier INTEGER NOT NULL DEFAULT 0 CHECK (earlier >= 0);
