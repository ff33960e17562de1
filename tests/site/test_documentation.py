"""The documentation: generated pages, links, and what a page makes a browser load."""

import gzip
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from extensions.questions import ROOT, questions
from extensions.site import documentation
from extensions.site.documentation import Pages

LIMIT = 200_000  # Bytes of a page with all that it loads, as a server sends them.


class Page(HTMLParser):
    """The links, the anchors and the loaded files of a page."""

    def __init__(self, path: Path) -> None:
        """Read a page."""
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect addresses and anchors."""
        found = {name: value or "" for name, value in attrs}
        self.anchors.add(found.get("id", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if "src" in found:
            self.loaded.append(found["src"])
        if tag == "link" and found.get("rel") in (
            "stylesheet",
            "icon",
            "modulepreload",
        ):
            self.loaded.append(found["href"])


@pytest.fixture(scope="session")
def pages(documented: Path) -> dict[Path, Page]:
    """Return all pages of the documentation."""
    files = documented.rglob("index.html")
    return {file: Page(file) for file in files if file.parent.name != "configure"}


def followed(page: Path, link: str) -> Path:
    """Return the file that a relative link of a page leads to."""
    target = page.parent / unquote(urlsplit(link).path)
    return (target / "index.html" if target.is_dir() else target).resolve()


def test_links_lead_to_pages_and_anchors(pages: dict[Path, Page]) -> None:
    broken = []
    for file, page in pages.items():
        for link in page.links:
            if urlsplit(link).scheme:
                continue
            target = followed(file, link) if urlsplit(link).path else file.resolve()
            anchor = unquote(urlsplit(link).fragment)
            known = pages[target].anchors if target in pages else {anchor}
            if not target.exists() or (anchor and anchor not in known):
                broken.append(f"{file.parent.name}: {link}")
    assert broken == []


def test_pages_load_little_and_nothing_from_other_hosts(
    pages: dict[Path, Page],
) -> None:
    for file, page in pages.items():
        assert [address for address in page.loaded if urlsplit(address).scheme] == []
        loaded = {file, *(followed(file, address) for address in page.loaded)}
        size = sum(len(gzip.compress(path.read_bytes())) for path in loaded)
        assert size <= LIMIT, f"{file}: {size} bytes"


def test_every_document_is_found_in_navigation_and_search(documented: Path) -> None:
    search = (documented / "search.json").read_text(encoding="utf-8")
    front = Page(documented / "index.html")
    for path in [*(documentation.STAGE / "docs").rglob("*.md")]:
        name = path.relative_to(documentation.STAGE / "docs").with_suffix("").as_posix()
        assert name in ("index", "decisions/README") or f'"{name}/' in search, name
    assert "configure/index.html" in front.links


def test_reference_has_all_questions_features_and_rules(documented: Path) -> None:
    texts = {
        name: (documented / f"reference/{name}/index.html").read_text(encoding="utf-8")
        for name in ("answers", "features", "rules", "errors", "commands")
    }
    for name, question in questions().items():
        if question.asked:
            assert f"<code>{name}</code>" in texts["answers"]
        if question.asked and question.kind == "bool":
            assert f'id="{name}"' in texts["features"]
    assert "SECRET_KEY" in texts["features"]
    assert re.findall(r"<code>(item_\w+)</code>", texts["errors"]) == [
        "item_name_taken",
        "item_not_found",
    ]
    assert texts["rules"].count("Good:") > 20
    assert "make update" in texts["commands"]


@pytest.mark.usefixtures("documented")
def test_broken_link_stops_the_build(capfd: pytest.CaptureFixture[str]) -> None:
    stage = documentation.STAGE
    (stage / "docs/index.md").write_text(
        "[x](faults.md#no-such-heading)", encoding="utf-8"
    )

    with pytest.raises(subprocess.CalledProcessError):
        documentation.generate()
    assert "anchor does not exist" in "".join(capfd.readouterr())


def test_link_to_missing_file_is_refused() -> None:
    pages = Pages("https://example.com/blob/main", {})

    assert pages.target("docs/faults.md", "README.md") == "faults.md"
    assert pages.target("LICENSE", "README.md").endswith("/blob/main/LICENSE")
    with pytest.raises(ValueError, match="docs/missing.md, which does not exist"):
        pages.target("docs/missing.md", "README.md")


def test_code_keeps_its_brackets() -> None:
    pages = Pages("https://example.com/blob/main", {})
    text = "`a[b](c.md)` [x](docs/faults.md)\n\n```python\na[b](c.md)\n```\n"

    assert pages.relinked("README.md", text) == text.replace("docs/faults", "faults")
    assert (ROOT / "docs/faults.md").exists()
