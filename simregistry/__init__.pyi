# Written by .ci/stubs.py from the table of exports; change the table.
# Values of the OCI specifications
from simregistry.oci.layer import Changeset as Changeset
from simregistry.oci.descriptor import Descriptor as Descriptor
from simregistry.oci.digest import Digest as Digest
from simregistry.oci.config import ImageConfig as ImageConfig
from simregistry.oci.manifest import ImageIndex as ImageIndex
from simregistry.oci.manifest import ImageManifest as ImageManifest
from simregistry.oci.reference import Reference as Reference
from simregistry.oci.messages import Request as Request
from simregistry.oci.messages import Response as Response
from simregistry.oci.rootfs import stack as stack
# A client
from simregistry.client.transport import BrokenLine as BrokenLine
from simregistry.client.client import Client as Client
from simregistry.client.sign_in import Credentials as Credentials
from simregistry.client.image_store import ImageStore as ImageStore
from simregistry.client.transport import InProcess as InProcess
from simregistry.client.build.run_effects import RunEffect as RunEffect
# A registry
from simregistry.registry.storage.blob_store import BlobStore as BlobStore
from simregistry.registry.mirror import Group as Group
from simregistry.registry.mirror import PullThrough as PullThrough
from simregistry.registry.registry import Registry as Registry
from simregistry.registry.storage.storage import Storage as Storage
from simregistry.registry.api.routes import endpoints_table as endpoints_table
# Who may do what
from simregistry.registry.middleware.accounts import ACTIONS as ACTIONS
from simregistry.registry.middleware.accounts import Access as Access
from simregistry.registry.middleware.accounts import Account as Account
from simregistry.registry.middleware.accounts import Grant as Grant
# Retention
from simregistry.registry.retention import DAY as DAY
from simregistry.registry.retention import Rule as Rule
from simregistry.registry.retention import Subject as Subject
from simregistry.registry.retention import dry_run as dry_run
# Garbage collection
from simregistry.registry.products.acr.collector import ACR as ACR
from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8 as DISTRIBUTION_2_8
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3 as DISTRIBUTION_3
from simregistry.registry.products.gitlab.collector import GITLAB as GITLAB
from simregistry.registry.products.harbor.collector import HARBOR as HARBOR
from simregistry.registry.gc.grace_and_trash import HOUR as HOUR
from simregistry.registry.products.zot.collector import ZOT as ZOT
from simregistry.registry.gc.reports import freed_by as freed_by
from simregistry.registry.gc.reports import left_behind as left_behind
from simregistry.registry.gc.mark import mark as mark
from simregistry.registry.gc.reports import shares as shares
from simregistry.registry.gc.reports import shares_table as shares_table
from simregistry.registry.gc.sweep import sweep as sweep
from simregistry.registry.gc.inventory import take_inventory as take_inventory
from simregistry.registry.gc.reports import why as why
# Registry products
from simregistry.registry.products.policies import parse_policy as parse_policy
from simregistry.registry.products.product import product as product
from simregistry.registry.products.product import products as products
# Real images, registries and clients
from simregistry.connect.docker_archive import DockerArchive as DockerArchive
from simregistry.connect.docker_archive_writer import DockerArchiveWriter as DockerArchiveWriter
from simregistry.connect.copy_image import LocalRepository as LocalRepository
from simregistry.connect.oci_layout import OciLayout as OciLayout
from simregistry.connect.remote import Remote as Remote
from simregistry.connect.copy_image import copy_image as copy_image
from simregistry.connect.docker_login import docker_credentials as docker_credentials
from simregistry.connect.real_client import per_blob as per_blob
from simregistry.connect.server import serve as serve
from simregistry.connect.real_client import skopeo_push as skopeo_push
from simregistry.connect.storage_writer import write_storage as write_storage
# Tables
from simregistry.table import Table as Table
