package order

import "strings"

// nearShare is the part of the lines, in percent of the longer order's, that two
// orders share when they are nearly the same.
const nearShare = 70

// NearlySame reports whether two orders ask for nearly the same, by their Gists.
func NearlySame(a, b []string) bool {
	onlyA, _ := Differ(a, b)
	return Share(len(a)-len(onlyA), len(a), len(b))
}

// Share reports whether so many lines in common make orders of a and of b lines
// nearly the same.
func Share(common, a, b int) bool { return common > 0 && 100*common >= nearShare*max(a, b) }

// Differ returns the lines that are only in one of two sorted lists, and those
// only in the other. A line that is there twice is two lines.
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
