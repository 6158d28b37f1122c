package mailbox_test
import ("testing";"time";"bdc/ingest/mailtest")
func TestZZ(t *testing.T){
 for _, no := range []bool{false,true} {
 servers, c := dovecot(t, mailtest.Options{NoMove:no})
 a:=time.Now()
 var l [][]byte
 for n:=range 1000 { l=append(l,message(n,"x")) }
 servers.Deliver(servers.User,l...)
 t.Log("deliver",time.Since(a)); a=time.Now()
 s:=dial(t,c); t.Log("dial",time.Since(a)); a=time.Now()
 keys:=pending(t,s); t.Log("pending",time.Since(a)); a=time.Now()
 pending(t,s); t.Log("pending again",time.Since(a)); a=time.Now()
 s.Move(t.Context(),keys,"Traitées"); t.Log("move",no,time.Since(a)); a=time.Now()
 pending(t,s); t.Log("pending none",time.Since(a)); a=time.Now()
 }
}
