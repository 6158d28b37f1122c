// Package registry holds what was imported from outside: the directory of
// schools (annuaire), the catalogue and the booksellers' accounts. It looks
// things up in them, reads them from files, and encodes them for the store.
//
// A Registry is immutable and whole: an import makes a new one, which is swapped
// for the old. The importers read CSV, whichever of its dialects, in one pass
// and in memory bounded by what they keep. A file that is not what it should be
// is refused as a whole, by a FileError that says why in French; a row that
// cannot be used is left out, and the report names its line and the reason.
package registry
