"""Lists from outside made commands: 校领导, 单位, 事项 and school.toml, every row checked before any is taken."""
