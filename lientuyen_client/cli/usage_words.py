"""
What Typer says by itself, in Vietnamese: the titles of the help, and what is wrong with a command line.

Typer has no language but English; its titles are constants that may be set, the rest is methods of the two
classes that every command of ours is made with.  A test looks for English left over.
"""

from typing import Any, Final

from typer import core, rich_utils
from typer._click import exceptions

UsageError = exceptions.UsageError

TITLES: Final = {
    "ARGUMENTS_PANEL_TITLE": "Tham số",
    "OPTIONS_PANEL_TITLE": "Tùy chọn",
    "COMMANDS_PANEL_TITLE": "Lệnh",
    "DEFAULT_STRING": "[mặc định: {}]",
    "ENVVAR_STRING": "[biến môi trường: {}]",
    "REQUIRED_LONG_STRING": "[bắt buộc]",
}


def speak_vietnamese() -> None:
    for name, title in TITLES.items():
        setattr(rich_utils, name, title)


class VietnameseCommand(core.TyperCommand):
    """A command."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        write_usage(formatter, ctx, self.collect_usage_pieces(ctx))

    def get_help_option(self, ctx: Any) -> core.TyperOption | None:
        return help_option(super().get_help_option(ctx))


class VietnameseGroup(core.TyperGroup):
    """A command of commands."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        write_usage(formatter, ctx, self.collect_usage_pieces(ctx))

    def get_help_option(self, ctx: Any) -> core.TyperOption | None:
        return help_option(super().get_help_option(ctx))


def write_usage(formatter: Any, ctx: Any, pieces: list[str]) -> None:
    words = (
        " ".join(pieces).replace("[OPTIONS]", "[TÙY CHỌN]").replace("COMMAND [ARGS]...", "LỆNH [THAM SỐ]…")
    )
    formatter.write_usage(ctx.command_path, words, "Cách dùng: ")


def help_option(option: core.TyperOption | None) -> core.TyperOption | None:
    if option is not None:
        option.help = "Hiện hướng dẫn này."
    return option


def usage_sentences(error: UsageError) -> tuple[str, str, str]:
    """Return what is wrong in two languages, and with which option or argument.  No value is repeated."""
    name = name_of(error)
    if isinstance(error, exceptions.NoArgsIsHelpError):
        return "Cần một lệnh; xem --help.", "A command is wanted; see --help.", name
    if isinstance(error, exceptions.MissingParameter):
        return f"Thiếu {name}.", f"{name} is missing.", name
    if isinstance(error, exceptions.NoSuchOption):
        return f"Không có tùy chọn {name}.", f"There is no option {name}.", name
    if isinstance(error, exceptions.BadParameter) and error.param is None:  # raised by a command of ours
        return error.message, error.message, name
    if isinstance(error, exceptions.BadParameter):
        return f"Giá trị của {name} không hợp lệ; xem --help.", f"{name} has a wrong value; see --help.", name
    if isinstance(error, exceptions.BadOptionUsage):
        return f"{name} thiếu hoặc thừa giá trị.", f"{name} wants a value, or takes none.", name
    if "No such command" in error.message:
        return "Không có lệnh này; xem --help.", "There is no such command; see --help.", name
    return "Thừa tham số; xem --help.", "Too many arguments; see --help.", name


def name_of(error: UsageError) -> str:
    """Return `--sex` or `NUMBER`: of ours, never of what was typed but for the name of an option."""
    parameter = getattr(error, "param", None)
    if parameter is not None:
        is_option = parameter.param_type_name == "option"
        return str(max(parameter.opts, key=len) if is_option else parameter.metavar or parameter.name)
    option = str(getattr(error, "option_name", ""))
    return option if len(option) <= MAX_OPTION_CHARS and option.isprintable() else ""


# No option of ours is longer.
MAX_OPTION_CHARS: Final = 30
