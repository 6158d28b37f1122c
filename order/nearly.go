package order

import "strings"

// nearShare is the least share of common lines that makes two orders nearly the same, in
// percent of the longer order's lines.
const nearShare = 70

// NearlySame reports whether two orders, whose Gists are a and b, ask for nearly the
// same: see Share.
func NearlySame(a, b []string) bool {
	onlyA, _ := Differ(a, b)
	return Share(len(a)-len(onlyA), len(a), len(b))
}

// Share reports whether an order of a lines and an order of b lines are nearly the same,
// if common is the number of lines that both have: that takes at least one line, and at
// least 70% of the lines of the longer order.
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
