"""Azure's soft delete: what was deleted can be restored for seven days."""

from simregistry.registry.gc.grace_and_trash import DAY, TwoStage

ACR = TwoStage("acr-soft-delete", 7 * DAY, "Azure documentation, soft delete policy: 1 to 90 days, default 7")
