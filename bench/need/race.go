//go:build race

package need

// Race reports whether the race detector is on. A test of thousands of cases then takes some six
// times as long, and a sample of them finds the same races.
const Race = true
