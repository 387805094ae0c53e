//! Searches of an application's sources, each made once however often its Dockerfile is looked at.

use std::cell::RefCell;
use std::rc::Rc;

use barehull_syntax::Location;

use super::shipped::Shipped;
use crate::evidence::{Evidence, FileUse, Language, Spawn, scan};
use crate::project::BuildContext;
use crate::source::Sources;

/// The searches of one analysis.
#[derive(Clone, Debug, Default)]
pub(crate) struct Searches {
    made: RefCell<Vec<Rc<Search>>>,
}

/// What was searched, and what that showed; its places are in `sources`.
#[derive(Debug)]
struct Search {
    language: Language,
    shipped: Shipped,
    evidence: Evidence,
    sources: Sources,
}

impl Searches {
    /// What the files of `shipped` show. Files that are evidence are added to `sources`.
    pub(crate) fn evidence(
        &self,
        context: &BuildContext,
        shipped: Shipped,
        language: Language,
        sources: &mut Sources,
    ) -> Evidence {
        let search = self.search(context, shipped, language);
        let found = &search.evidence;
        let mut place = |at: Location| {
            let file = search.sources.get(at.file);
            Location::new(sources.add(&file.path, &file.bytes), at.span)
        };
        let mut files = |uses: &[FileUse]| -> Vec<FileUse> {
            uses.iter().map(|u| FileUse { place: place(u.place), ..u.clone() }).collect()
        };
        let (writes, reads) = (files(&found.writes), files(&found.reads));
        Evidence {
            spawns: found.spawns.iter().map(|s| Spawn { place: place(s.place), ..s.clone() }).collect(),
            writes,
            reads,
            writes_elsewhere: found.writes_elsewhere.map(&mut place),
            imports: found.imports.clone(),
            imports_c: found.imports_c.map(&mut place),
            listens_low_port: found.listens_low_port.map(&mut place),
            named: found.named.clone(),
            files: found.files,
            complete: found.complete,
        }
    }

    fn search(&self, context: &BuildContext, shipped: Shipped, language: Language) -> Rc<Search> {
        let same = |s: &&Rc<Search>| s.language == language && s.shipped == shipped;
        if let Some(known) = self.made.borrow().iter().find(same) {
            return Rc::clone(known);
        }
        let mut sources = Sources::default();
        let counts = |path: &_| shipped.holds(path);
        let mut evidence = scan(context, &shipped.folders(), language, &counts, &mut sources);
        evidence.complete &= shipped.complete;
        let search = Rc::new(Search { language, shipped, evidence, sources });
        self.made.borrow_mut().push(Rc::clone(&search));
        search
    }
}
