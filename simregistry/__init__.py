"""A container registry to learn from: pure Python, in memory, true to the byte.

>>> from simregistry import Client, Registry
>>> Registry("registry.example").repositories()
()
"""

from simregistry.exports import exported

# What lessons use, by group; the reference pages are made from this table.
EXPORTS = {
    "Values of the OCI specifications": {
        "Changeset": "simregistry.oci.layer:Changeset",
        "Descriptor": "simregistry.oci.descriptor:Descriptor",
        "Digest": "simregistry.oci.digest:Digest",
        "ImageConfig": "simregistry.oci.config:ImageConfig",
        "ImageIndex": "simregistry.oci.manifest:ImageIndex",
        "ImageManifest": "simregistry.oci.manifest:ImageManifest",
        "Reference": "simregistry.oci.reference:Reference",
        "Request": "simregistry.oci.messages:Request",
        "Response": "simregistry.oci.messages:Response",
        "stack": "simregistry.oci.rootfs:stack",
    },
    "A client": {
        "BrokenLine": "simregistry.client.transport:BrokenLine",
        "Client": "simregistry.client.client:Client",
        "Credentials": "simregistry.client.sign_in:Credentials",
        "ImageStore": "simregistry.client.image_store:ImageStore",
        "InProcess": "simregistry.client.transport:InProcess",
        "RunEffect": "simregistry.client.build.run_effects:RunEffect",
    },
    "A registry": {
        "BlobStore": "simregistry.registry.storage.blob_store:BlobStore",
        "Group": "simregistry.registry.mirror:Group",
        "PullThrough": "simregistry.registry.mirror:PullThrough",
        "Registry": "simregistry.registry.registry:Registry",
        "Storage": "simregistry.registry.storage.storage:Storage",
        "endpoints_table": "simregistry.registry.api.routes:endpoints_table",
    },
    "Who may do what": {
        "ACTIONS": "simregistry.registry.middleware.accounts:ACTIONS",
        "Access": "simregistry.registry.middleware.accounts:Access",
        "Account": "simregistry.registry.middleware.accounts:Account",
        "Grant": "simregistry.registry.middleware.accounts:Grant",
    },
    "Retention": {
        "DAY": "simregistry.registry.retention:DAY",
        "Rule": "simregistry.registry.retention:Rule",
        "Subject": "simregistry.registry.retention:Subject",
        "dry_run": "simregistry.registry.retention:dry_run",
    },
    "Garbage collection": {
        "ACR": "simregistry.registry.products.acr.collector:ACR",
        "DISTRIBUTION_2_8": "simregistry.registry.products.distribution_2_8.collector:DISTRIBUTION_2_8",
        "DISTRIBUTION_3": "simregistry.registry.products.distribution_3.collector:DISTRIBUTION_3",
        "GITLAB": "simregistry.registry.products.gitlab.collector:GITLAB",
        "HARBOR": "simregistry.registry.products.harbor.collector:HARBOR",
        "HOUR": "simregistry.registry.gc.grace_and_trash:HOUR",
        "ZOT": "simregistry.registry.products.zot.collector:ZOT",
        "freed_by": "simregistry.registry.gc.reports:freed_by",
        "left_behind": "simregistry.registry.gc.reports:left_behind",
        "mark": "simregistry.registry.gc.mark:mark",
        "shares": "simregistry.registry.gc.reports:shares",
        "shares_table": "simregistry.registry.gc.reports:shares_table",
        "sweep": "simregistry.registry.gc.sweep:sweep",
        "take_inventory": "simregistry.registry.gc.inventory:take_inventory",
        "why": "simregistry.registry.gc.reports:why",
    },
    "Registry products": {
        "parse_policy": "simregistry.registry.products.policies:parse_policy",
        "product": "simregistry.registry.products.product:product",
        "products": "simregistry.registry.products.product:products",
    },
    "Real images, registries and clients": {
        "DockerArchive": "simregistry.connect.docker_archive:DockerArchive",
        "DockerArchiveWriter": "simregistry.connect.docker_archive_writer:DockerArchiveWriter",
        "LocalRepository": "simregistry.connect.copy_image:LocalRepository",
        "OciLayout": "simregistry.connect.oci_layout:OciLayout",
        "Remote": "simregistry.connect.remote:Remote",
        "copy_image": "simregistry.connect.copy_image:copy_image",
        "docker_credentials": "simregistry.connect.docker_login:docker_credentials",
        "per_blob": "simregistry.connect.real_client:per_blob",
        "serve": "simregistry.connect.server:serve",
        "skopeo_push": "simregistry.connect.real_client:skopeo_push",
        "write_storage": "simregistry.connect.storage_writer:write_storage",
    },
    "Tables": {
        "Table": "simregistry.table:Table",
    },
}

__all__, __getattr__, __dir__ = exported(__name__, EXPORTS)
