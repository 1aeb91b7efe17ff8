"""Who is there, and what may they do: accounts and rights, scopes, tokens, and the gate that asks for them."""
