"""The rules of docs/architecture.md that import-linter cannot say: each test reads the source itself."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

SERVER = Path(__file__).resolve().parent.parent / "server"
LINE = ["people", "meetings", "schedule", "registration", "remote", "outputs"]
PUBLIC = {"models", "queries", "actions", "addresses"}
ROOF = {
    "pages", "live", "desk", "editing", "own", "review", "hooks", "hands", "translating", "history", "rulings", "intake",
    "publishing", "statistics", "reminding", "roster", "privacy", "account", "admitting", "questioning", "attachments",
}  # fmt: skip
MODULES = {path: ast.parse(path.read_text()) for path in sorted(SERVER.rglob("*.py")) if "versions" not in path.parts}

Import = tuple[ast.stmt, str, str]


def imports(tree: ast.AST) -> Iterator[Import]:
    """Each imported name with the module it comes from; a whole module has the name ''."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, node.module or "", alias.name) for alias in node.names)


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each name that a module gives to something: variables, arguments, functions, classes, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name


def offenders(is_wrong: Callable[[Path, ast.Module], Iterator[int]]) -> list[str]:
    """Where a rule is broken, as `path:line`."""
    return [
        f"{path.relative_to(SERVER.parent)}:{line}" for path, tree in MODULES.items() for line in is_wrong(path, tree)
    ]


def feature_of(path: Path) -> str:
    """The feature a file belongs to; '' for plumbing."""
    return path.parent.name if path.parent.name in LINE else ""


def imported_feature(module: str, name: str) -> tuple[str, str]:
    """`(feature, module inside it)` of an import, `('', '')` when it is none of a feature's."""
    found = re.fullmatch(r"server\.(\w+)(?:\.(\w+))?", module)
    if not found or found.group(1) not in LINE:
        return "", ""
    return found.group(1), found.group(2) or name


def wrong_imports(is_wrong: Callable[[Path, str, str], bool]) -> list[str]:
    """Where something is imported that `is_wrong(path, module, name)`."""
    return offenders(lambda path, tree: (node.lineno for node, *what in imports(tree) if is_wrong(path, *what)))


def test_features_import_only_the_public_modules_of_others() -> None:
    def wrong(path: Path, module: str, name: str) -> bool:
        other, inside = imported_feature(module, name)
        public = PUBLIC | {"access", "parts"} if other == "meetings" else PUBLIC
        return bool(feature_of(path)) and other not in ("", feature_of(path)) and inside not in public

    assert wrong_imports(wrong) == []


def test_the_roof_asks_features_to_its_right_only_for_queries_and_addresses() -> None:
    def wrong(path: Path, module: str, name: str) -> bool:
        other, inside = imported_feature(module, name)
        looks_right = feature_of(path) and other and LINE.index(other) > LINE.index(feature_of(path))
        return bool(looks_right) and (path.stem not in ROOF or inside not in {"queries", "addresses"})

    assert wrong_imports(wrong) == []


def test_whoever_has_routes_is_of_the_roof() -> None:
    def wrong(path: Path, tree: ast.Module) -> Iterator[int]:
        yield from (line for line, name in names(tree) if name == "ROUTES" and path.stem not in ROOF)

    assert offenders(wrong) == []


def test_only_database_names_the_session_of_sqlalchemy() -> None:
    def wrong(path: Path, module: str, name: str) -> bool:
        of_theirs = module.startswith("sqlalchemy") and name in {"Session", "sessionmaker", "scoped_session"}
        return of_theirs and path != SERVER / "database.py"

    assert wrong_imports(wrong) == []


def test_only_four_modules_see_a_socket() -> None:
    def wrong(path: Path, module: str, name: str) -> bool:
        of_sockets = module in {"starlette.websockets", "socket"} or name in {"WebSocket", "WebSocketRoute"}
        known = {"remote/live.py", "web/wire.py", "web/arrival.py", "outside.py"}
        return of_sockets and path not in {SERVER / one for one in known}

    assert wrong_imports(wrong) == []


def test_nothing_is_imported_inside_a_function() -> None:
    def wrong(path: Path, tree: ast.Module) -> Iterator[int]:
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from (node.lineno for node, _, _ in imports(function))

    assert offenders(wrong) == []


def test_every_room_has_a_name_of_its_own() -> None:
    vague = re.compile(r"utils?|helpers?|common|misc|services?|managers?|repositor(y|ies)|base|core")
    assert [str(path.relative_to(SERVER)) for path in SERVER.rglob("*") if vague.fullmatch(path.stem)] == []


def test_the_words_of_the_house_are_used() -> None:
    """`event`, `user` and `attendee` mean too many things; the glossary has a word for each of them."""

    def wrong(path: Path, tree: ast.Module) -> Iterator[int]:
        yield from (line for line, name in names(tree) if name in {"event", "user", "attendee", "db_session"})

    assert offenders(wrong) == []


def test_what_a_problem_says_is_marked_for_translation() -> None:
    kinds = {node.name for node in ast.walk(MODULES[SERVER / "problems.py"]) if isinstance(node, ast.ClassDef)}

    def wrong(path: Path, tree: ast.Module) -> Iterator[int]:
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Constant() | ast.JoinedStr(), *_]) if name in kinds:
                    yield node.lineno

    assert offenders(wrong) == []


def test_templates_hold_no_style_no_script_and_no_other_host() -> None:
    """The content security policy would block them; a letter is no page of ours, and carries its style with it."""
    letter = SERVER / "templates" / "letter.html"
    forbidden = re.compile(
        r"""<style|\sstyle=|<script(?![^>]*\s(?:src=|type="application/ld\+json"))|\son[a-z]+=["']|(src|action)=["'](https?:)?//""",
        re.I,
    )
    found = [
        f"{path.relative_to(SERVER.parent)}:{number}"
        for path in SERVER.rglob("templates/**/*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if path != letter and forbidden.search(line)
    ]
    assert found == []
