"""A container registry to learn from: pure Python, in memory, true to the byte.

>>> from simregistry import Client, Registry
>>> Registry("registry.example").repositories()
()
"""

from simregistry.client.client import Client
from simregistry.client.image_store import ImageStore
from simregistry.oci.config import ImageConfig
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.oci.messages import Request
from simregistry.oci.reference import Reference
from simregistry.registry.registry import Registry
from simregistry.registry.storage.storage import Backend

__all__ = [
    "Backend",
    "Changeset",
    "Client",
    "Descriptor",
    "Digest",
    "ImageConfig",
    "ImageIndex",
    "ImageManifest",
    "ImageStore",
    "Reference",
    "Registry",
    "Request",
]
