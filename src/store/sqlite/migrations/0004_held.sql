-- The articles that are held back because their cut is doubtful. A table of its own rather than a
-- column of `articles`: what is added to that one stands behind the long text, and every filter would
-- read through it.
CREATE TABLE held_articles (
    article TEXT PRIMARY KEY REFERENCES articles (id)
) STRICT, WITHOUT ROWID;
