-- A few dozen hashes of each recent article's text, by which the other tellings of its story are found.
-- The date leads, so that those of old editions are forgotten without a search.
CREATE TABLE sketches (
    date    TEXT NOT NULL,
    hash    INTEGER NOT NULL,
    article TEXT NOT NULL REFERENCES articles (id),
    PRIMARY KEY (date, hash, article)
) STRICT, WITHOUT ROWID;
