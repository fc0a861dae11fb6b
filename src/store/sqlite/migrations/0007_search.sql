-- The full-text index of the public articles. `rowid` is an article's `published`, which is unique,
-- given once, and the order in which the newest comes first. The columns hold tokens and no text;
-- `facets` has one for each of source, section, page and kind.
CREATE VIRTUAL TABLE search USING fts5 (
    head, body, facets,
    -- A single character is looked for as the beginning of a pair.
    content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1'
);

-- What facets there are.
CREATE VIRTUAL TABLE search_terms USING fts5vocab ('search', 'row');

-- When an edition last changed, and by which change of the store: archives of feeds are told apart
-- by it.
CREATE TABLE edition_marks (
    source  TEXT NOT NULL,
    date    TEXT NOT NULL,
    change  INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (source, date)
) STRICT, WITHOUT ROWID;

INSERT INTO edition_marks (source, date, change, changed)
SELECT source, date, 0, MAX(applied) FROM pages GROUP BY source, date;
