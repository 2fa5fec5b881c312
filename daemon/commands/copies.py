"""`duban backup|restore`: a whole copy of the folder while the daemon goes on, and a new folder made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon import config
from daemon.commands import place
from daemon.commands.born import built_aside, copy_named, files_of
from daemon.commands.printing import Said
from daemon.config import Settings
from daemon.config_words import BadSettings
from daemon.verify import verify
from store import backup as copying
from store import outbox
from store.outbox import AT_HOME
from store.trouble import StoreError


def add_to(app: typer.Typer) -> None:
    app.command("backup", help="备份：数据库、来往信件原文、设置、密钥和自己的模板；不必停止服务。")(backup)
    app.command("restore", help="恢复：由备份建立一个新的工作文件夹，并核对历史。")(restore)


def backup(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="新文件夹；不存在或为空。")],
) -> None:
    with place.opened(ctx) as here:
        if here.store.dialect != "sqlite":
            raise StoreError("backup_elsewhere")
        with built_aside(folder) as aside:
            count = copying.copy(here.store, aside)
            _copy_files(here.root, aside)
    typer.echo(f"已备份到 {folder}：数据库、{count} 份原文、设置和密钥。请把它复制到另一台机器上保存。")


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="duban backup 得到的文件夹。")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="新的工作文件夹；不存在或为空。")],
) -> None:
    if not (source / copying.DATABASE).is_file() or not (source / config.FILE).is_file():
        raise Said(f"{source} 不是备份：其中应有 {copying.DATABASE} 和 {config.FILE}。没有恢复。")
    with built_aside(folder) as aside:
        _copy_files(source, aside)
        count, waiting = _fill(source, aside)
    typer.echo(f"已恢复到 {folder}：历史核对无误，{count} 份原文。")
    if waiting:
        typer.echo(f"有 {waiting} 封信待发。备份之后已发出的，程序不记得：先与邮箱的“已发送”对照，再运行 duban serve。")


def _fill(source: Path, aside: Path) -> tuple[int, int]:
    """The database and the bytes, whole by the replay of history; how many blobs, and how many mails wait."""
    settings = config.load(aside)
    if not settings.database_url.startswith("sqlite"):
        raise StoreError("backup_elsewhere")
    store = config.open_store(settings)
    try:
        count = copying.restore(source, store)
        store.migrate()
        with store.reading() as tx:
            found = verify(tx)
            waiting = sum(outbox.counts(tx).get(state, 0) for state in AT_HOME)
    finally:
        store.close()
    if found.faults:
        raise Said(f"备份不完整，没有恢复：{found.faults[0]}。请换一份较早的备份。")
    return count, waiting


def _copy_files(root: Path, aside: Path) -> None:
    """Settings, key, and every file that the settings name inside the folder."""
    try:
        written: Settings = config.as_written(root)
    except BadSettings as bad:
        raise Said(str(bad)) from bad
    copy_named(root / config.FILE, aside / config.FILE)
    named = [(root / written.keys.file, written.keys.file), *files_of(written, root)]
    for file, name in named:
        if not Path(name).is_absolute() and (name != written.keys.file or file.exists()):
            copy_named(file, aside / name)
