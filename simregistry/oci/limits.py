"""How large, how many and how deep: the bounds on all that comes from outside, each with its reason.

A hostile or broken registry, archive or file can claim anything. So a size is compared with its bound before anything
of that size is read, and what is over it is refused with an error that names the bound. Sizes are bytes.
"""

from __future__ import annotations

# A manifest, an index, or another JSON document that is read whole. distribution-spec, "Pushing Manifests": "A registry
# SHOULD enforce some limit on the maximum manifest size that it can accept. A registry that enforces this limit SHOULD
# respond to a request to push a manifest over this limit with a response code 413 Payload Too Large. Client and
# registry implementations SHOULD expect to be able to support manifest pushes of at least 4 megabytes." CNCF
# distribution takes no more than that either (registry/handlers/manifests.go, maxManifestBodySize).
LARGEST_DOCUMENT = 4 * 1024**2
# What a token service answers: a token has a few kilobytes. containers/image reads as much (MaxAuthTokenBodySize).
LARGEST_TOKEN_ANSWER = 1024**2
# A list that comes in pages, such as the tags of a repository. A registry could add a page to it for ever.
LARGEST_LIST = 64 * 1024**2
MOST_PAGES = 10_000
# JSON nests deeper than this in no document of the specification; a hostile one nests until a parser's stack is gone.
DEEPEST_JSON = 64
# A descriptor's size is an int64 (image-spec descriptor.md, "Properties": size).
LARGEST_SIZE = 2**63 - 1

# An index may name an index, and the specification sets no bound (image-spec image-index.md), so a registry could
# answer for ever. A pull follows one child at each step and needs a request for it, so it gives up early: no real index
# goes so deep. A copy reads all that an index names, level by level, and shall bring along even odd ones.
DEEPEST_PULL = 5
DEEPEST_COPY = 8

# A layer's archive, unpacked: more than any layer of the catalogue has, less than would stop a machine. A hundred
# kilobytes of gzip can unpack to a hundred megabytes of zeros.
LARGEST_UNPACKED = 4 * 1024**3
MOST_ENTRIES = 1_000_000
# A long name or the PAX records of one member of an archive. Go's archive/tar reads as much (maxSpecialFileSize).
LARGEST_EXTENSION = 1024**2
# Headers about one member, one after the other. GNU tar writes two, a long name and a long link; PAX one or two.
MOST_EXTENSIONS = 16
# What Linux allows: bytes of a file's name (NAME_MAX), and of a whole path (PATH_MAX).
LONGEST_PART = 255
LONGEST_PATH = 4096
# Linux follows as many links on one path and then gives up (path_resolution(7)).
MOST_LINKS = 40
