// Package registry holds what was imported from outside: the directory of
// schools (annuaire), the catalogue and the booksellers' accounts. It looks
// things up in them, reads them from files, and encodes them for the store.
//
// A Registry never changes. After an import the program makes a new one, which
// replaces the old one.
//
// The importers read CSV with any usual separator, workbooks and XML. They read a CSV
// or XML file once from beginning to end, and keep no more of it in memory than the
// entries. A file that cannot be what it is imported as is refused with a FileError,
// which says why in French. A row that cannot be used is left out, and the report of
// the import gives its line and the reason.
package registry
