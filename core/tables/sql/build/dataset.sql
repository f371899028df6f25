INSERT INTO dataset VALUES (
    getvariable('name'), getvariable('format'), getvariable('version'), getvariable('fingerprint'), getvariable('created'),
    getvariable('rule'), getvariable('sources'), getvariable('options'), getvariable('counts')
);
