"""GitLab's collector: it leaves alone what is younger than a day."""

from simregistry.registry.gc.grace_and_trash import HOUR, Grace

GITLAB = Grace("gitlab", 24 * HOUR, "GitLab documentation, container registry garbage collection: 24 hours")
