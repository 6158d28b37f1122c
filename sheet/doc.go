// Package sheet is where workbooks meet the words of the trade: it reads the
// orders out of a workbook, and writes the blank form and the exports.
//
// # Reading
//
// Read takes the bytes of a stranger's file and returns one order.Draft for
// each order in it: cells as typed, each with its sheet and address, judged by
// nobody. It understands .xlsx and .xlsm (ECMA-376, transitional and strict; macros
// are not looked at) and tables as .csv, and names every other kind of file for
// what it is, with the program that saved it where its metadata tell.
//
// It refuses rather than guesses. A file that is cut short, whose checksum or
// XML is wrong, that lacks a part or a shared string, or whose rows are out of
// order is never read as a shorter order: Read then returns no draft and one
// finding of severity error. What it does accept, it has read completely.
//
// Its work is bounded by Limits, which are counted while reading: the sizes
// that a file declares about itself are never believed. Only the parts that
// matter are unzipped, and only filled cells are kept.
//
// A field is found by the workbook's defined names where the labels do not
// contradict them, else by its label; the lines by the headers of their table.
// Orders also come without a form around them, in the layouts of the form's
// definition (order.Layout): one table may then hold several orders, and what it
// has no place for makes a finding that holds them. What could be read in two ways,
// such as a label that comes twice with two values, makes one too.
//
// # Writing
//
// Blank writes the order form that booksellers fill in; Export and ExportCSV
// write orders. They use excelize, which reads damaged files without an error
// and does not bound its memory: it never opens a stranger's file in the process
// that calls them.
//
// # Marking
//
// A Marker returns a stranger's workbook with its findings in it. The workbook
// is edited in the places that marking needs, by byte, and never written anew:
// excelize would write whole sheets anew, and loses print areas, notes and
// controls on the way. This happens in a child process of limited time and
// memory, where excelize then reads the outcome as a second opinion. The parent
// verifies it with the reader. Where any of this fails, the Marker fills and
// marks the current form instead.
package sheet
