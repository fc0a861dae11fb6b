-- Answers of sites with what tells whether they have changed, so that only changes are transferred.
CREATE TABLE site_documents (
    source        TEXT NOT NULL,
    url           TEXT NOT NULL,
    etag          TEXT,
    last_modified TEXT,
    content_type  TEXT,
    kept          INTEGER NOT NULL,
    -- gzip
    body          BLOB NOT NULL,
    PRIMARY KEY (source, url)
) STRICT;

CREATE INDEX site_documents_by_kept ON site_documents (kept);

-- How each day of a site stands.
CREATE TABLE site_days (
    source    TEXT NOT NULL,
    date      TEXT NOT NULL,
    answer    TEXT NOT NULL,
    why       TEXT NOT NULL,
    pages     INTEGER NOT NULL,
    articles  INTEGER NOT NULL,
    whole     INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    problems  TEXT NOT NULL,
    asked     INTEGER NOT NULL,
    PRIMARY KEY (source, date)
) STRICT, WITHOUT ROWID;

-- What a source has asked of its site on a day (UTC).
CREATE TABLE site_spent (
    source   TEXT NOT NULL,
    day      TEXT NOT NULL,
    requests INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    PRIMARY KEY (source, day)
) STRICT, WITHOUT ROWID;

-- Requests for past days that are under way, and up to which day they have come.
CREATE TABLE site_past (
    source  TEXT NOT NULL,
    first   TEXT NOT NULL,
    last    TEXT NOT NULL,
    come_to TEXT NOT NULL,
    PRIMARY KEY (source, first, last)
) STRICT, WITHOUT ROWID;

-- The picture and the file of a page that comes from a site, as JSON.
CREATE TABLE facsimiles (
    source    TEXT NOT NULL,
    date      TEXT NOT NULL,
    page      TEXT NOT NULL,
    facsimile TEXT NOT NULL,
    PRIMARY KEY (source, date, page)
) STRICT, WITHOUT ROWID;
