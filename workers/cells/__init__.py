"""One file per cell kind; the registry finds every module here."""
