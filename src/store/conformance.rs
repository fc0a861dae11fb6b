//! The conformance suite: what every implementation of [`Store`] has to do, as tests over the trait
//! alone. An engine's own tests call `conformance_suite!` with a type that is a [`Place`].

#![allow(clippy::unwrap_used)]

pub(crate) mod articles;
pub(crate) mod deliveries;
pub(crate) mod digests;
pub(crate) mod held;
pub(crate) mod hub;
pub(crate) mod ledger_model;
pub(crate) mod model_use;
pub(crate) mod pages;
pub(crate) mod revisions;
pub(crate) mod search;
pub(crate) mod shared;
pub(crate) mod sites;
pub(crate) mod sketches;
pub(crate) mod stops;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Applied, ArticleQuery, Changes, IdentifiedArticle, PageChange, SharedStore, Store};
use crate::model::{Article, ArticleId, ArticleKind, ContentHash, PageKey, StoredArticle};

/// Where one store lies. It begins empty.
pub(crate) trait Place {
    /// A place of its own for a test.
    fn fresh() -> Self;

    /// Opens the store as another process would, sharing nothing but the data with other openings.
    async fn open(&self) -> SharedStore;
}

/// Makes a test of every function of the suite. One that is not listed here is reported by the
/// compiler as unused.
macro_rules! conformance_suite {
    ($place:ty) => {
        $crate::store::conformance::conformance_tests! { $place;
            pages:
                a_page_is_read_back_as_it_was_applied,
                a_page_whose_label_is_written_otherwise_is_the_same_page,
                a_change_against_an_older_revision_is_outdated_and_changes_nothing,
                pages_and_articles_stand_in_the_order_of_the_paper,
                an_article_moves_to_another_page_of_its_edition,
                an_id_that_stands_twice_or_in_another_edition_is_refused_and_nothing_is_stored,
                every_page_that_is_applied_is_counted,
                a_problem_is_noted_once_and_forgotten_with_the_next_good_version,
                noted_problems_are_told_newest_first,
                the_authority_is_fixed_at_the_first_call;
            revisions:
                a_changed_text_is_a_revision_and_the_old_text_is_kept,
                a_change_of_what_is_no_text_is_taken_over_and_is_no_revision,
                an_article_that_left_its_page_is_kept_and_comes_back_under_its_id,
                an_article_that_comes_back_with_another_text_is_revised,
                a_newer_cutter_lifts_no_old_story_to_the_top,
                no_two_articles_share_a_time_whatever_happens_to_their_pages;
            held:
                a_held_article_is_seen_by_no_reader_until_it_is_released,
                held_articles_are_listed_by_edition_and_place,
                a_release_is_one_transaction_and_a_second_one_changes_nothing,
                a_release_outlasts_another_cut_of_the_same_text,
                what_has_been_public_is_never_held,
                a_better_cut_makes_a_held_article_public,
                what_a_newer_cutter_lifts_or_a_person_releases_of_a_backlog_is_no_news,
                a_held_article_that_left_its_page_comes_back_held;
            articles:
                the_newest_articles_are_found_by_source_kind_date_and_time,
                a_reader_pages_backwards_without_gap_or_repetition,
                editions_are_told_newest_first_with_their_pages_and_news,
                arrivals_are_told_in_order_and_the_last_one_counts_though_it_is_withdrawn,
                arrivals_are_read_in_pieces_of_which_none_is_lost,
                odd_texts_and_numbers_are_kept;
            sites:
                an_answer_of_a_site_is_kept_until_it_is_old,
                a_day_of_a_site_is_kept_as_it_stands,
                a_request_for_past_days_is_remembered_until_its_last_day,
                what_is_asked_of_a_site_is_counted_by_the_day,
                a_page_keeps_its_picture;
            search:
                words_are_found_as_a_reader_of_the_text_would_find_them,
                what_a_word_is_most_about_comes_first_or_what_is_newest,
                a_search_is_narrowed_by_source_section_page_kind_and_date,
                only_what_is_public_is_found_and_as_it_reads_now,
                how_an_edition_stands_is_marked_by_every_change;
            hub:
                a_wish_counts_once_it_is_verified_and_not_before,
                a_new_subscription_has_the_new_lease_and_secret_and_a_failed_one_leaves_the_old,
                a_lease_ends,
                who_unsubscribes_is_asked_too_and_then_told_nothing,
                a_version_is_announced_once_and_the_last_one_is_what_is_due,
                a_message_is_tried_again_given_up_and_the_subscription_stays,
                an_attempt_that_was_never_recorded_is_made_again_after_its_lease,
                a_topic_has_so_many_subscribers_and_no_more,
                subscribers_of_a_feed_that_is_gone_are_told_so,
                another_hub_is_told_of_every_version;
            digests:
                a_new_webhook_begins_at_the_present_and_keeps_its_mark,
                a_backlog_is_news_to_none_but_a_webhook_that_asked_for_it,
                what_a_newer_cutter_finds_in_a_known_page_is_no_news,
                an_article_that_was_withdrawn_when_it_was_passed_is_told_when_it_is_back,
                a_digest_is_queued_with_its_deliveries_and_the_moved_mark,
                a_slot_is_queued_once_and_only_against_the_present_mark,
                a_digest_without_messages_moves_the_mark;
            stops:
                other_messages_take_the_place_of_one_and_later_parts_are_counted_on,
                a_webhook_that_a_person_stopped_gets_nothing_until_it_goes_on,
                a_service_stops_its_webhook_and_a_message_by_hand_lets_it_go_on,
                it_is_kept_since_when_a_webhook_fails,
                word_of_a_problem_is_queued_once_and_moves_no_mark,
                a_digest_is_read_back_as_it_was_composed;
            deliveries:
                parts_are_sent_in_order_and_a_dead_one_holds_back_none,
                an_attempt_whose_outcome_was_never_recorded_is_seen_and_tried_again_after_the_lease,
                an_expired_message_is_handed_out_when_it_expires_but_not_while_it_is_leased,
                a_late_outcome_counts_only_if_the_message_was_delivered,
                a_message_is_sent_again_by_hand,
                the_ledger_is_told_newest_first_by_webhook_state_and_time,
                the_state_of_a_webhook_is_told,
                old_digests_are_forgotten_but_for_those_that_wait_or_were_tried_lately,
                messages_of_other_webhooks_are_given_up_unless_somebody_holds_them;
            model_use:
                a_model_is_asked_for_so_much_a_day_and_the_first_refusal_is_known;
            sketches:
                articles_are_found_by_what_their_sketches_share_within_the_dates_asked_for,
                what_a_webhook_was_told_is_known_since_a_time;
        }
        $crate::store::conformance::shared_conformance_tests! { $place;
            two_claimers_never_get_the_same_message,
            of_two_writers_of_one_page_the_slower_is_outdated,
            a_reader_who_has_seen_an_arrival_never_meets_a_smaller_one_later,
            of_two_composers_of_one_slot_one_wins,
            of_two_that_release_an_article_one_does,
            two_that_enrol_a_webhook_agree_on_its_mark,
        }

        #[test]
        fn claims_due_times_and_the_ledger_agree_with_a_model() {
            $crate::store::conformance::ledger_model::claims_due_times_and_the_ledger_agree_with_a_model::<$place>();
        }
    };
}

macro_rules! conformance_tests {
    ($place:ty; $($module:ident: $($name:ident),+;)+) => {
        $(mod $module {
            $(#[tokio::test]
            async fn $name() {
                let place = <$place as $crate::store::conformance::Place>::fresh();
                let store = $crate::store::conformance::Place::open(&place).await;
                $crate::store::conformance::$module::$name(&*store).await;
            })+
        })+
    };
}

macro_rules! shared_conformance_tests {
    ($place:ty; $($name:ident),+ $(,)?) => {
        mod shared {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                let place = <$place as $crate::store::conformance::Place>::fresh();
                let one = $crate::store::conformance::Place::open(&place).await;
                let other = $crate::store::conformance::Place::open(&place).await;
                $crate::store::conformance::shared::$name(one, other).await;
            })+
        }
    };
}

pub(crate) use {conformance_suite, conformance_tests, shared_conformance_tests};

/// The instant at a time of the day of the edition that most tests are about.
pub(crate) fn at(time: &str) -> DateTime<Utc> {
    format!("2026-03-02T{time}Z").parse().unwrap()
}

pub(crate) fn day() -> NaiveDate {
    at("00:00:00").date_naive()
}

pub(crate) fn key(source: &str, page: &str) -> PageKey {
    PageKey { source: source.to_owned(), date: day(), page: page.into() }
}

/// An article of one paragraph whose id hangs on source and headline.
pub(crate) fn item(key: &PageKey, headline: &str, body: &str) -> IdentifiedArticle {
    let article = Article {
        kind: ArticleKind::Article,
        headline: Some(headline.to_owned()),
        dateline: Some("本报讯".to_owned()),
        byline: vec!["记者甲".to_owned()],
        paragraphs: vec![body.to_owned()],
        page: key.page.to_string(),
        confidence: 0.9,
        ..Article::default()
    };
    let id = ArticleId::assign(&[key.source.as_bytes(), key.date.to_string().as_bytes(), headline.as_bytes()]);
    IdentifiedArticle { id, article, doubtful: false, sketch: Vec::new() }
}

/// A change that makes `articles` the page, seen at revision `seen`; the paper's hour is six.
pub(crate) fn change(key: &PageKey, seen: u32, articles: Vec<IdentifiedArticle>, now: DateTime<Utc>) -> PageChange {
    PageChange {
        key: key.clone(),
        hash: ContentHash::of(format!("{key:?} {seen}").as_bytes()),
        cutter: 1,
        origin: format!("editions/{}/{}.txt", key.date, key.page),
        seen_revision: seen,
        articles,
        problems: Vec::new(),
        facsimile: None,
        backlog: false,
        hour: key.date.and_hms_opt(6, 0, 0).unwrap().and_utc(),
        now,
    }
}

/// Applies a change that must not be outdated.
pub(crate) async fn apply(store: &dyn Store, change: PageChange) -> Changes {
    match store.apply(change).await.unwrap() {
        Applied::Done(changes) => changes,
        Applied::Outdated => panic!("the change was made against the present revision"),
    }
}

/// Every article that queries show, the newest first.
pub(crate) async fn all(store: &dyn Store) -> Vec<StoredArticle> {
    store.articles(&ArticleQuery { limit: u32::MAX, ..ArticleQuery::default() }).await.unwrap()
}

pub(crate) fn headlines(articles: &[StoredArticle]) -> Vec<&str> {
    articles.iter().map(|stored| stored.article.headline.as_deref().unwrap()).collect()
}
