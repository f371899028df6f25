DROP TABLE stage.past_lines;

ALTER TABLE stage.read_lines RENAME TO past_lines;
