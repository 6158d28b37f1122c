//go:build !crash

package main

// crashStep is where the crash tests' build kills the process.
var crashStep func(step int, what string)
