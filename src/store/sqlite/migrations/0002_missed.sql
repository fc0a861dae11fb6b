-- Articles that a webhook's digests passed over because they were withdrawn just then: one that comes
-- back on its page is news to the webhook.
CREATE TABLE missed (
    webhook TEXT NOT NULL REFERENCES webhooks (name),
    article TEXT NOT NULL REFERENCES articles (id),
    -- When it was passed over.
    passed  INTEGER NOT NULL,
    PRIMARY KEY (webhook, article)
) STRICT, WITHOUT ROWID;
