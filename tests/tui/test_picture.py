"""A picture of the screen is saved, also where there is no folder of downloads."""

from __future__ import annotations

from stand_in import StandIn
from waiting import settled, until

from musicrec.tui.app import MusicrecApp


async def test_without_downloads_a_picture_is_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_downloads_path", lambda: tmp_path / "none")
    monkeypatch.chdir(tmp_path)
    app = MusicrecApp(StandIn())
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("s")
        await until(pilot, lambda: any(file.stat().st_size for file in tmp_path.glob("*.svg")))
