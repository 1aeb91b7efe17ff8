"""Find the heredocs of an instruction: words such as <<EOF, <<-EOF or <<"EOF", as BuildKit's parser finds them.

parser.go, heredocsFromLine and ParseHeredoc. The shell's <<< and $((1<<n)) are no heredocs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# One word: spaces after << belong to it ("cat << EOF"), and so does all that is escaped or in quotes.
WORD = re.compile(r"(?:<<[ \t\r]*|\\.|\\$|'[^']*'|\"(?:\\.|[^\"\\])*\"|[^\s'\"\\])+", re.S)
HEREDOC = re.compile(r"\d*<<(-?)\s*([^<]*)", re.S)
# What stands for itself in a name, and what quotes or a backslash are taken off.
NAME_PIECE = re.compile(r"\\(.)|'([^']*)'|\"((?:\\.|[^\"\\])*)\"|([^\s'\"\\]+)", re.S)


@dataclass(frozen=True, slots=True)
class HeredocWord:
    """A word that begins a heredoc: the line that ends it, whether tabs before its lines go, and whether it is quoted.

    >>> heredoc_word("<<-'EOF'")
    HeredocWord(name='EOF', strips_tabs=True, quoted=True)
    """

    name: str
    strips_tabs: bool = False
    quoted: bool = False


def heredoc_words(line: str) -> list[HeredocWord]:
    """Find the heredocs of a whole line, in order; a line with a quote that nothing closes has none.

    >>> [word.name for word in heredoc_words("RUN cat << one <<two > /x")]
    ['one', 'two']
    """
    words = line_words(line)
    return [heredoc for word in words or () if (heredoc := heredoc_word(word))]


def line_words(line: str) -> list[str] | None:
    """Cut a line into words, with the quotes on; return None if a quote is never closed."""
    words, at = [], 0
    for match in WORD.finditer(line):
        if line[at : match.start()].strip():
            return None
        words.append(match[0])
        at = match.end()
    return None if line[at:].strip() else words


def heredoc_word(word: str) -> HeredocWord | None:
    """Read one word; return None if it begins no heredoc."""
    match = HEREDOC.fullmatch(word)
    if match is None:
        return None
    pieces = list(NAME_PIECE.finditer(match[2]))
    if "".join(piece[0] for piece in pieces) != match[2]:
        return None
    name = "".join(_unquoted(piece) for piece in pieces)
    # BuildKit calls a word quoted if it loses quotes. A backslash is none: after <<\EOF variables are put in.
    quoted = any(piece[2] is not None or piece[3] is not None for piece in pieces)
    return HeredocWord(name, bool(match[1]), quoted) if name else None


def _unquoted(piece: re.Match[str]) -> str:
    """Take the quotes or the backslash off a piece of a name."""
    if piece[3] is not None:
        # In double quotes a backslash counts before a quote, a dollar and itself alone.
        return re.sub(r'\\(["$\\])', r"\1", piece[3])
    return str(piece[1] or piece[2] or piece[4] or "")
