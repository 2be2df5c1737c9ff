// Never compiled, never run: see README.md.
// Receipt lines with the order line they fulfil and what of them is not invoiced yet. Read only. A page of
// this kind can be subscribed to by webhooks, which API v2.0 does not offer for receipts.
page 50102 "EA Receipt Lines"
{
    PageType = API;
    APIPublisher = 'erpAgent';
    APIGroup = 'payables';
    APIVersion = 'v1.0';
    EntityName = 'receiptLine';
    EntitySetName = 'receiptLines';
    EntityCaption = 'Receipt Line';
    EntitySetCaption = 'Receipt Lines';
    SourceTable = "Purch. Rcpt. Line";
    ODataKeyFields = SystemId;
    Editable = false;
    InsertAllowed = false;
    ModifyAllowed = false;
    DeleteAllowed = false;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.SystemId) { Caption = 'Id'; }
                field(documentNumber; Rec."Document No.") { Caption = 'Document Number'; }
                field(lineNumber; Rec."Line No.") { Caption = 'Line Number'; }
                field(orderNumber; Rec."Order No.") { Caption = 'Order Number'; }
                field(orderLineNumber; Rec."Order Line No.") { Caption = 'Order Line Number'; }
                field(vendorNumber; Rec."Buy-from Vendor No.") { Caption = 'Vendor Number'; }
                field(type; Rec.Type) { Caption = 'Type'; }
                field(number; Rec."No.") { Caption = 'Number'; }
                field(description; Rec.Description) { Caption = 'Description'; }
                field(unitOfMeasureCode; Rec."Unit of Measure Code") { Caption = 'Unit Of Measure Code'; }
                field(quantity; Rec.Quantity) { Caption = 'Quantity'; }
                field(quantityNotInvoiced; Rec."Qty. Rcd. Not Invoiced") { Caption = 'Quantity Not Invoiced'; }
                field(correction; Rec.Correction) { Caption = 'Correction'; }
                field(postingDate; Rec."Posting Date") { Caption = 'Posting Date'; }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified Date'; }
            }
        }
    }
}
