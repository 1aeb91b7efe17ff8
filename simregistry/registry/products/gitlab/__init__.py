"""GitLab Container Registry."""
