"""A Tryton 8.0 module: a supplier invoice on hold, with its reason, is neither posted nor paid."""
