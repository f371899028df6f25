INSERT INTO stage.member_rows
SELECT
    CAST(row_number() OVER () AS INTEGER), row, id,
    CASE WHEN age BETWEEN 5 AND 100 THEN age END, CASE WHEN gender IN ('male', 'female') THEN gender END, city,
    registered_via, registered, expires
FROM stage.described_once;

DROP VIEW stage.described_once;

DROP TABLE stage.described_again;

DROP TABLE stage.described;
