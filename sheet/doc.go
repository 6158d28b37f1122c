// Package sheet reads the orders out of a file that a stranger has mailed.
//
// Read takes the bytes of the file and returns one order.Draft for each order in
// it. A draft holds the cells as they were typed, each with its sheet and its
// address; whether they are right is judged elsewhere, by package validate.
//
// # What is read
//
// Package grid turns the bytes into grids of cells, and refuses what it cannot
// read completely: Read then returns no draft, and one finding of severity error.
// It never returns a shorter order because a file is damaged.
//
// # How the orders are found
//
// A header field, such as the school's name, is found by the defined name that the
// blank form gives to its cell. Where the label beside that cell says that it is
// another field's, the label is believed instead. Without a defined name the field is
// found by its label, anywhere on the sheet.
//
// The order lines are found by the headers of their table. A workbook may hold
// several orders: one a sheet, or one below the other on one sheet.
//
// Orders also come without a form around them, in the layouts that the form's
// definition describes (order.Layout). One table may then hold the orders of several
// schools. If a layout has no place for something that the form requires, the draft
// has a finding of severity hold, so that a person completes it.
//
// What could be read in two ways, such as a label that comes twice with two values,
// has such a finding, too.
//
// # Its neighbours
//
// Package form writes the blank order form and fills it in. Package mark returns the
// sender's workbook with the findings shown in it. Package sheettest is for tests.
package sheet
