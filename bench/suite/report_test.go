package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	tests := []struct {
		name, events, want, told string
	}{
		{
			name: "all pass, results cached",
			events: `{"Action":"start","Package":"bdc/a"}
{"Action":"run","Package":"bdc/a","Test":"TestX"}
{"Action":"output","Package":"bdc/a","Test":"TestX","Output":"=== RUN   TestX\n"}
{"Action":"output","Package":"bdc/a","Test":"TestX","Output":"    a_test.go:9: a remark\n"}
{"Action":"pass","Package":"bdc/a","Test":"TestX","Elapsed":0}
{"Action":"output","Package":"bdc/a","Output":"PASS\n"}
{"Action":"output","Package":"bdc/a","Output":"ok  \tbdc/a\t(cached)\n"}
{"Action":"pass","Package":"bdc/a","Elapsed":0.1}
`,
			want: "ok  \tbdc/a\t(cached)\n",
			told: "1 tests passed, 0 failed, 0 skipped",
		},
		{
			name: "skipped, and a package without tests",
			events: `{"Action":"output","Package":"bdc/b","Output":"?   \tbdc/b\t[no test files]\n"}
{"Action":"skip","Package":"bdc/b"}
{"Action":"output","Package":"bdc/a","Test":"TestX/one","Output":"    a_test.go:9: needs LibreOffice (Debian: calc)\n"}
{"Action":"output","Package":"bdc/a","Test":"TestX/one","Output":"    --- SKIP: TestX/one (0.00s)\n"}
{"Action":"skip","Package":"bdc/a","Test":"TestX/one"}
{"Action":"pass","Package":"bdc/a","Test":"TestX"}
{"Action":"output","Package":"bdc/a","Test":"TestY","Output":"    b-c_test.go:9: needs Chromium (Debian: chromium)\n"}
{"Action":"skip","Package":"bdc/a","Test":"TestY"}
{"Action":"output","Package":"bdc/a","Test":"TestZ","Output":"    a_test.go:11: needs Chromium (Debian: chromium)\n"}
{"Action":"skip","Package":"bdc/a","Test":"TestZ"}
{"Action":"output","Package":"bdc/a","Test":"TestShots","Output":"    a_test.go:11: BDC_TEST_SHOTS is not set\n"}
{"Action":"skip","Package":"bdc/a","Test":"TestShots"}
{"Action":"skip","Package":"bdc/a","Test":"TestSilent"}
{"Action":"output","Package":"bdc/a","Output":"ok  \tbdc/a\t0.1s\n"}
{"Action":"pass","Package":"bdc/a"}
`,
			want: "?   \tbdc/b\t[no test files]\nok  \tbdc/a\t0.1s\n",
			told: "1 tests passed, 0 failed, 5 skipped; needed: Chromium (Debian: chromium) for 2, " +
				"LibreOffice (Debian: calc) for 1; 2 only run when asked for",
		},
		{
			name: "one of two fails",
			events: `{"Action":"output","Package":"bdc/a","Test":"TestX","Output":"=== RUN   TestX\n"}
{"Action":"output","Package":"bdc/c","Test":"TestX","Output":"=== RUN   TestX of c\n"}
{"Action":"output","Package":"bdc/a","Test":"TestX","Output":"    a_test.go:9: got 1, want 2\n"}
{"Action":"fail","Package":"bdc/a","Test":"TestX"}
{"Action":"pass","Package":"bdc/a","Test":"TestY"}
{"Action":"output","Package":"bdc/a","Output":"FAIL\n"}
{"Action":"output","Package":"bdc/a","Output":"FAIL\tbdc/a\t0.1s\n"}
{"Action":"fail","Package":"bdc/a"}
`,
			want: "=== RUN   TestX\n    a_test.go:9: got 1, want 2\nFAIL\nFAIL\tbdc/a\t0.1s\n",
			told: "1 tests passed, 1 failed, 0 skipped",
		},
		{
			name: "a package that does not build, and a plain complaint",
			events: `{"ImportPath":"bdc/a","Action":"build-output","Output":"a.go:1: no\n"}
{"ImportPath":"bdc/a","Action":"build-fail"}
{"Action":"output","Package":"bdc/a","Output":"FAIL\tbdc/a [build failed]\n"}
{"Action":"fail","Package":"bdc/a","FailedBuild":"bdc/a"}
go: no such thing`,
			want: "a.go:1: no\nFAIL\tbdc/a [build failed]\ngo: no such thing",
			told: "0 tests passed, 0 failed, 0 skipped",
		},
		{
			name: "the binary ends within a test",
			events: `{"Action":"output","Package":"bdc/a","Test":"TestX","Output":"=== RUN   TestX\n"}
{"Action":"output","Package":"bdc/a","Test":"TestX","Output":"gone\n"}
{"Action":"output","Package":"bdc/a","Output":"FAIL\tbdc/a\t0.1s\n"}
{"Action":"fail","Package":"bdc/a"}
`,
			want: "=== RUN   TestX\ngone\nFAIL\tbdc/a\t0.1s\n",
			told: "0 tests passed, 0 failed, 0 skipped",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			told, err := report(&b, strings.NewReader(tt.events))
			if err != nil || b.String() != tt.want {
				t.Errorf("got %q (%v)\nwant %q", b.String(), err, tt.want)
			}
			if got := told.String(); got != tt.told {
				t.Errorf("got %q\nwant %q", got, tt.told)
			}
		})
	}
}

// The line comes at the end of a real run, also where the results are cached, and
// the exit code is that of go test.
func TestRun(t *testing.T) {
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"passes", []string{"bdc/bench/suite", "-run", "^TestReport$"}, 0, "6 tests passed, 0 failed, 0 skipped\n"},
		{"no such package", []string{"./nowhere"}, 1, "0 tests passed, 0 failed, 0 skipped\n"},
	}
	for _, tt := range tests {
		for range 2 {
			var b strings.Builder
			code, err := run(t.Context(), &b, tt.args)
			if err != nil || code != tt.code || !strings.HasSuffix(b.String(), "\n"+tt.want) {
				t.Errorf("%s: got code %d (%v),\n%s\nwant code %d and at the end %q",
					tt.name, code, err, b.String(), tt.code, tt.want)
			}
		}
	}
}
