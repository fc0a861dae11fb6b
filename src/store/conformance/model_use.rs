//! What language models may be asked for on a day.

use super::at;
use crate::store::{ModelBound, ModelUse, Store};

pub(crate) async fn a_model_is_asked_for_so_much_a_day_and_the_first_refusal_is_known(store: &dyn Store) {
    let day = at("08:00:00").date_naive();
    let ask = async |account: &str, day, characters, requests| {
        store.ask_model(account, day, characters, ModelBound { requests, characters: 1_000 }).await.unwrap()
    };
    let refused = |is_first| ModelUse::Refused { is_first };
    assert_eq!(ask("home", day, 1_001, 9).await, refused(true), "by itself beyond the bound");
    assert_eq!(ask("home", day, 600, 9).await, ModelUse::Granted, "what was refused is not counted");
    assert_eq!(ask("home", day, 401, 9).await, refused(false));
    assert_eq!(ask("home", day, 400, 9).await, ModelUse::Granted);
    assert_eq!(ask("home", day, 0, 2).await, refused(false), "two requests were made");
    assert_eq!(ask("home", day, 0, 3).await, ModelUse::Granted);
    assert_eq!(ask("away", day, 1_000, 1).await, ModelUse::Granted, "each account for itself");
    assert_eq!(ask("away", day, 0, 1).await, refused(true));
    assert_eq!(ask("home", day.succ_opt().unwrap(), 1_000, 1).await, ModelUse::Granted, "each day for itself");
    assert_eq!(ask("home", day.succ_opt().unwrap(), 1, 9).await, refused(true));
}
