package turn

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

// While quick work is there, one at a time has a turn; then as many as the gate allows, in
// the order in which they came.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(2)
		var got []int
		leave := map[int]func(){}
		come := func(ctx context.Context, who int) {
			go func() {
				done, err := g.Take(ctx)
				if err != nil {
					got = append(got, -who)
					return
				}
				got, leave[who] = append(got, who), done
			}()
			synctest.Wait()
		}
		hungry, giveUp := context.WithCancel(t.Context())
		first := g.Quick()
		for i := 1; i <= 5; i++ {
			ctx := t.Context()
			if i == 2 {
				ctx = hungry
			}
			come(ctx, i)
		}
		want := func(after string, who ...int) {
			t.Helper()
			synctest.Wait()
			if !slices.Equal(got, who) {
				t.Fatalf("%s: got the turns %v, want %v", after, got, who)
			}
		}
		want("while quick work is there", 1)
		giveUp()
		want("one gives up", 1, -2)
		second := g.Quick()
		first()
		want("other quick work is there", 1, -2)
		second()
		want("no quick work is there", 1, -2, 3)
		third := g.Quick()
		leave[1]()
		want("quick work comes, and one of two ends", 1, -2, 3)
		leave[3]()
		want("the other ends", 1, -2, 3, 4)
		third()
		want("no quick work is there again", 1, -2, 3, 4, 5)
		leave[4]()
		leave[5]()
		if _, err := g.Take(hungry); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the error of the context", err)
		}
	})
}
