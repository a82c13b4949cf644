import time, collections
from tests.canary import crawl
from tests.canary.fields import *
from tests.canary.scene import *

def test_probe(town):
    t=time.time()
    c=set_canaries(town)
    print("scene",time.time()-t, len(c.marks))
    print("EMPTY", list(empty()))
    leaks=collections.defaultdict(set); n=collections.Counter()
    for who in crawl.WHO:
        t=time.time()
        v=crawl.Visitor(who)
        for path,text in crawl.pages(v, crawl.starts(c.named)):
            n[who]+=1
            for m in c.found_in(text):
                if m.person is not None and m.person==c.persons.get(who): continue
                leaks[m.secret, crawl.route_of(path)].add(who)
                if path and 0: print(path)
        print(who, n[who], time.time()-t)
    by=collections.defaultdict(list)
    for (s,r),w in leaks.items(): by[s].append((r," ".join(x for x in crawl.WHO if x in w)))
    for s in sorted(by):
        print(s)
        for r,w in sorted(by[s]): print("     ",r," <- ",w)
    assert 0
