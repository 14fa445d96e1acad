use super::*;

/// Two places, both for one user if nobody else wants them, and four may wait.
const SMALL: QueueLimits = QueueLimits {
    requests: 2,
    per_user: 2,
    waiting: 4,
};

/// What happens, one letter for each user: `a+` asks for a place, `a-` gives
/// one back.
const STORIES: [(&str, QueueLimits, &str, &str); 7] = [
    ("first come", SMALL, "a+ b+ a+ b+ a- b-", "a b . . a b"),
    (
        "users take turns, however many one of them sends",
        SMALL,
        "a+ a+ a+ a+ a+ b+ a- a- a- b-",
        "a a . . . . b a a a",
    ),
    (
        "who has nothing under way comes before who has all",
        SMALL,
        "a+ a+ a+ a+ b+ c+ a- a- b- c-",
        "a a . . . . b c a a",
    ),
    (
        "who has all that one user may have keeps nobody else waiting",
        QueueLimits {
            requests: 3,
            per_user: 1,
            waiting: 9,
        },
        "a+ a+ a+ b+ c+ d+ a- b-",
        "a . . b c . d a",
    ),
    (
        "what waits is bounded",
        QueueLimits {
            requests: 1,
            per_user: 1,
            waiting: 2,
        },
        "a+ a+ a+ a+ a- a- a-",
        "a . . ! a a -",
    ),
    (
        "whose line is longest gives way",
        QueueLimits {
            requests: 1,
            per_user: 1,
            waiting: 2,
        },
        "a+ a+ a+ b+ c+ a- b- a-",
        "a . . <a ! b a -",
    ),
    (
        "without a queue nobody waits",
        QueueLimits {
            requests: 1,
            per_user: 1,
            waiting: 0,
        },
        "a+ b+ a- b+",
        "a ! - b",
    ),
];

#[test]
fn users_take_turns_and_nobody_has_more_than_a_share() {
    for (name, bounds, events, expected) in STORIES {
        let mut story = Story::new(bounds);
        let told: Vec<String> = events.split(' ').map(|event| story.play(event)).collect();
        assert_eq!(told.join(" "), expected, "{name}");
    }
}

#[test]
fn who_gives_up_is_passed_over_and_leaves_nothing_behind() {
    let mut queue = FairQueue::new(SMALL);
    let [a, b] = ["a", "b"].map(user);
    for _ in 0..2 {
        assert_eq!(queue.enter(&a), Enqueued::Admitted);
    }
    let Enqueued::Waits(of_b, None) = queue.enter(&b) else {
        panic!("there is no place");
    };
    let Enqueued::Waits(of_a, None) = queue.enter(&a) else {
        panic!("there is no place");
    };
    assert!(queue.cancel(&b, of_b));
    assert!(!queue.cancel(&b, of_b));
    assert!(!queue.cancel(&a, of_b));
    assert_eq!(queue.release(&a), Some(of_a));
    assert!(!queue.cancel(&a, of_a), "it has a place");
    for _ in 0..2 {
        assert_eq!(queue.release(&a), None);
    }
    assert_empty(&queue);
    assert_eq!(queue.release(&a), None);
    assert_empty(&queue);
}

/// What holds after whatever happened.
#[test]
fn no_place_is_lost_or_idle_and_no_bound_is_passed() {
    for seed in 0..200 {
        let mut random = Random(seed);
        let bounds = QueueLimits {
            requests: 1 + random.below(5),
            per_user: 1 + random.below(4),
            waiting: random.below(8),
        };
        let mut model = Model::new(bounds);
        for _ in 0..500 {
            model.step(&mut random);
            model.check();
        }
        model.end();
    }
}

/// However much one user sends, another's single request is among the next to
/// be served: as many as there are users.
#[test]
fn a_flood_of_one_user_delays_anothers_request_by_one_turn() {
    let mut queue = FairQueue::new(QueueLimits {
        requests: 10,
        per_user: 10,
        waiting: 1000,
    });
    let [flood, single] = ["flood", "single"].map(user);
    for _ in 0..200 {
        let _ = queue.enter(&flood);
    }
    let Enqueued::Waits(ticket, None) = queue.enter(&single) else {
        panic!("there is no place");
    };
    let served: Vec<_> = (0..2).filter_map(|_| queue.release(&flood)).collect();
    assert_eq!(served.len(), 2);
    assert!(served.contains(&ticket));
}

fn user(name: &str) -> User {
    User::new("https://issuer.example", name)
}

fn assert_empty(queue: &FairQueue) {
    assert_eq!((queue.under_way(), queue.waiting()), (0, 0));
    assert!(
        queue.users.is_empty() && queue.turns.is_empty(),
        "{queue:?}"
    );
}

/// Who waits for what, by the letters of [`STORIES`].
struct Story {
    queue: FairQueue,
    waiting: HashMap<QueueId, String>,
}

impl Story {
    fn new(bounds: QueueLimits) -> Self {
        Self {
            queue: FairQueue::new(bounds),
            waiting: HashMap::new(),
        }
    }

    /// Who has a place now; `.` says that it waits, `!` that it is turned away,
    /// `<` who is turned away for it, `-` that nobody had waited.
    fn play(&mut self, event: &str) -> String {
        let (name, what) = event.split_at(1);
        if what == "-" {
            let next = self.queue.release(&user(name));
            let next = next.and_then(|ticket| self.waiting.remove(&ticket));
            return next.unwrap_or("-".into());
        }
        match self.queue.enter(&user(name)) {
            Enqueued::Admitted => name.into(),
            Enqueued::Full => "!".into(),
            Enqueued::Waits(ticket, pushed_out) => {
                self.waiting.insert(ticket, name.into());
                let pushed_out = pushed_out.and_then(|ticket| self.waiting.remove(&ticket));
                pushed_out.map_or(".".into(), |name| format!("<{name}"))
            }
        }
    }
}

/// What the queue should know, told by what it said.
struct Model {
    queue: FairQueue,
    bounds: QueueLimits,
    admitted: Vec<User>,
    waiting: HashMap<QueueId, User>,
}

impl Model {
    fn new(bounds: QueueLimits) -> Self {
        Self {
            queue: FairQueue::new(bounds),
            bounds,
            admitted: Vec::new(),
            waiting: HashMap::new(),
        }
    }

    fn step(&mut self, random: &mut Random) {
        match random.below(5) {
            0..=2 => self.enter(&user(&random.below(4).to_string())),
            3 if !self.admitted.is_empty() => {
                let user = self.admitted.swap_remove(random.below(self.admitted.len()));
                self.release(&user);
            }
            _ => self.cancel(random),
        }
    }

    fn enter(&mut self, user: &User) {
        match self.queue.enter(user) {
            Enqueued::Admitted => self.admitted.push(user.clone()),
            Enqueued::Full => assert_eq!(self.waiting.len(), self.bounds.waiting),
            Enqueued::Waits(ticket, pushed_out) => {
                let gone = pushed_out.map(|ticket| self.waiting.remove(&ticket));
                assert_ne!(gone, Some(None), "who is pushed out has waited");
                self.waiting.insert(ticket, user.clone());
            }
        }
    }

    fn release(&mut self, user: &User) {
        if let Some(next) = self.queue.release(user) {
            let next = self.waiting.remove(&next).expect("who is next has waited");
            self.admitted.push(next);
        }
    }

    fn cancel(&mut self, random: &mut Random) {
        let mut tickets: Vec<QueueId> = self.waiting.keys().copied().collect();
        tickets.sort_by_key(|ticket| ticket.0);
        let chosen = tickets.get(random.below(tickets.len().max(1)));
        if let Some(ticket) = chosen {
            let user = self.waiting.remove(ticket).expect("it waits");
            assert!(self.queue.cancel(&user, *ticket));
        }
    }

    fn of<'a>(all: impl Iterator<Item = &'a User>, user: &User) -> usize {
        all.filter(|other| *other == user).count()
    }

    fn check(&self) {
        let QueueLimits {
            requests,
            per_user,
            waiting,
        } = self.bounds;
        assert_eq!(self.queue.under_way(), self.admitted.len());
        assert_eq!(self.queue.waiting(), self.waiting.len());
        assert!(self.admitted.len() <= requests && self.waiting.len() <= waiting);
        for user in self.waiting.values() {
            let has = Self::of(self.admitted.iter(), user);
            assert!(self.admitted.len() == requests || has == per_user);
        }
        for user in &self.admitted {
            assert!(Self::of(self.admitted.iter(), user) <= per_user);
        }
    }

    fn end(mut self) {
        while let Some(user) = self.admitted.pop() {
            self.release(&user);
            self.check();
        }
        assert!(self.waiting.is_empty());
        assert_empty(&self.queue);
    }
}

/// Numbers that are the same in each run (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).expect("it is below a usize")
    }
}
