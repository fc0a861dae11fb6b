-- What was asked of a language model on a day of UTC, so that a restart does not forget it. An account is a
-- hash of the model's address; `refused` tells whether more was asked for than is allowed.
CREATE TABLE model_use (
    day        TEXT NOT NULL,
    account    TEXT NOT NULL,
    requests   INTEGER NOT NULL CHECK (requests >= 0),
    characters INTEGER NOT NULL CHECK (characters >= 0),
    refused    INTEGER NOT NULL DEFAULT 0 CHECK (refused IN (0, 1)),
    PRIMARY KEY (day, account)
) STRICT, WITHOUT ROWID;
