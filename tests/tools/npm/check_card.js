// Reads an Adaptive Card from standard input; prints what the vendor's renderer finds wrong with it, a line each.
const AdaptiveCards = require("adaptivecards/dist/adaptivecards.js");
const card = new AdaptiveCards.AdaptiveCard();
const context = new AdaptiveCards.SerializationContext();
card.parse(JSON.parse(require("fs").readFileSync(0, "utf8")), context);
for (let n = 0; n < context.eventCount; n++) {
  console.log(context.getEventAt(n).message);
}
for (const failure of card.validateProperties().validationEvents) {
  console.log(failure.message);
}
