package order

import "strings"

// nearShare is from which share of common lines on, in percent of the longer order's
// lines, two orders are nearly the same.
const nearShare = 70

// NearlySame reports whether two orders ask for nearly the same. a and b are their
// Gists.
func NearlySame(a, b []string) bool {
	onlyA, _ := Differ(a, b)
	return Share(len(a)-len(onlyA), len(a), len(b))
}

// Share reports whether two orders, of a and of b lines, are nearly the same when they
// have that many lines in common: 70% of the longer order's lines, and at least one.
func Share(common, a, b int) bool { return common > 0 && 100*common >= nearShare*max(a, b) }

// Differ compares two sorted lists, and returns the lines that are only in a and those
// that are only in b. A line that one list has twice counts as two lines.
func Differ(a, b []string) (onlyA, onlyB []string) {
	for len(a) > 0 && len(b) > 0 {
		switch strings.Compare(a[0], b[0]) {
		case -1:
			onlyA, a = append(onlyA, a[0]), a[1:]
		case 1:
			onlyB, b = append(onlyB, b[0]), b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	return append(onlyA, a...), append(onlyB, b...)
}
