SELECT count(*) FROM stage.past_lines;
