"""Services over who may use a store from elsewhere: organisations, members, tokens, the audit."""
