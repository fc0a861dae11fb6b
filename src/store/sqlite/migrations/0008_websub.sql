-- What the hub knows of each topic: the entity tag of the feed that was announced last.
CREATE TABLE hub_topics (
    topic   TEXT PRIMARY KEY,
    version TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hub_subscriptions (
    topic    TEXT NOT NULL,
    callback TEXT NOT NULL,
    secret   TEXT,
    -- The end of its lease.
    expires  INTEGER NOT NULL,
    PRIMARY KEY (topic, callback)
) STRICT, WITHOUT ROWID;

-- What is to be sent to callbacks. A later task of a kind takes the place of an earlier one: of two
-- changes a subscriber needs the feed as it is after both.
CREATE TABLE hub_tasks (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    topic        TEXT NOT NULL,
    callback     TEXT NOT NULL,
    detail       TEXT NOT NULL,
    attempts     INTEGER NOT NULL,
    next_attempt INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    leased_until INTEGER,
    due          INTEGER NOT NULL GENERATED ALWAYS AS (MAX(COALESCE(leased_until, 0), next_attempt)) VIRTUAL,
    UNIQUE (topic, callback, kind)
) STRICT;

CREATE INDEX hub_tasks_by_due ON hub_tasks (due);
