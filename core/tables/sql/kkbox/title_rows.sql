INSERT INTO stage.title_rows SELECT id, title, isrc FROM stage.described_once;
