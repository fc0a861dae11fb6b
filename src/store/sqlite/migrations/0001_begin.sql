-- Instants are milliseconds since 1970, an article's `published` and `updated` whole seconds.
-- Lists and whole articles are JSON; what is searched or ordered by stands in a column of its own.

-- "NWBY": tells the file from another program's.
PRAGMA application_id = 1314341465;

-- What holds for the whole store, such as the authority of the entries' ids.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Numbers that are handed out in the order of commits: whoever takes one holds the row until its
-- transaction ends.
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- 'change' counts the pages that were applied, so that a process hears of what others took in.
INSERT INTO counters (name, value) VALUES ('arrival', 0), ('change', 0);

CREATE TABLE pages (
    source   TEXT NOT NULL,
    date     TEXT NOT NULL,
    page     TEXT NOT NULL,
    hash     TEXT NOT NULL,
    cutter   INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    origin   TEXT NOT NULL,
    problems TEXT NOT NULL,
    applied  INTEGER NOT NULL,
    PRIMARY KEY (source, date, page)
) STRICT, WITHOUT ROWID;

CREATE INDEX pages_by_date ON pages (date DESC, source);

-- Problems of pages whose latest bytes could not be used; such a page need not stand in `pages`.
CREATE TABLE noted_problems (
    source  TEXT NOT NULL,
    date    TEXT NOT NULL,
    page    TEXT NOT NULL,
    code    TEXT NOT NULL,
    message TEXT NOT NULL,
    noted   INTEGER NOT NULL,
    PRIMARY KEY (source, date, page, code)
) STRICT, WITHOUT ROWID;

-- The long column stands last, so that a filter on the others need not read through it.
CREATE TABLE articles (
    id        TEXT NOT NULL PRIMARY KEY,
    source    TEXT NOT NULL,
    date      TEXT NOT NULL,
    page      TEXT NOT NULL,
    position  INTEGER NOT NULL,
    revision  INTEGER NOT NULL,
    published INTEGER NOT NULL,
    updated   INTEGER NOT NULL,
    arrival   INTEGER NOT NULL,
    -- Whether it is no news, but was there before newsboy knew its source.
    backlog   INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    content   TEXT NOT NULL,
    FOREIGN KEY (source, date, page) REFERENCES pages (source, date, page)
) STRICT;

CREATE UNIQUE INDEX articles_by_updated ON articles (updated);
CREATE UNIQUE INDEX articles_by_published ON articles (published);
CREATE UNIQUE INDEX articles_by_arrival ON articles (arrival);
CREATE INDEX articles_by_source ON articles (source, updated);
CREATE INDEX articles_by_page ON articles (date, source, page);

-- The texts that articles had before.
CREATE TABLE revisions (
    article  TEXT NOT NULL REFERENCES articles (id),
    revision INTEGER NOT NULL,
    updated  INTEGER NOT NULL,
    content  TEXT NOT NULL,
    PRIMARY KEY (article, revision)
) STRICT;

-- Since when a source is known, and whether what it held then has been read once.
CREATE TABLE sources (
    name      TEXT PRIMARY KEY,
    since     INTEGER NOT NULL,
    caught_up INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Up to where the digests of a webhook have come.
CREATE TABLE webhooks (
    name    TEXT PRIMARY KEY,
    arrival INTEGER NOT NULL,
    slot    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE digests (
    id      TEXT NOT NULL PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (name),
    slot    INTEGER NOT NULL,
    title   TEXT NOT NULL,
    through INTEGER NOT NULL,
    queued  INTEGER NOT NULL,
    UNIQUE (webhook, slot)
) STRICT;

CREATE TABLE deliveries (
    id           TEXT NOT NULL PRIMARY KEY,
    digest       TEXT NOT NULL REFERENCES digests (id),
    webhook      TEXT NOT NULL,
    slot         INTEGER NOT NULL,
    part         INTEGER NOT NULL,
    parts        INTEGER NOT NULL,
    state        TEXT NOT NULL,
    next_attempt INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    leased_until INTEGER,
    queued       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    articles     TEXT NOT NULL,
    body         TEXT NOT NULL,
    -- When a pending message is handed out: at its next attempt or when it expires, whichever is
    -- first, but not while somebody holds it.
    due          INTEGER NOT NULL GENERATED ALWAYS AS (MAX(COALESCE(leased_until, 0), MIN(next_attempt, expires))) VIRTUAL,
    UNIQUE (digest, part)
) STRICT;

CREATE INDEX deliveries_pending ON deliveries (webhook, due) WHERE state = 'pending';
CREATE INDEX deliveries_by_state ON deliveries (webhook, state);
CREATE INDEX deliveries_by_queued ON deliveries (queued);

-- A row is written when an attempt begins and completed when it ends.
CREATE TABLE attempts (
    delivery TEXT NOT NULL REFERENCES deliveries (id),
    number   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    result   TEXT NOT NULL,
    status   INTEGER,
    answer   TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;
